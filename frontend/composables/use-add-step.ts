/** Adds a step, and where a wire was let go over empty canvas, connects it: one gesture. */
import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { StepId } from '../../domain/ids.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import type { DroppedWire } from '../canvas/intents.ts'
import { stepKind } from '../catalogue/step-kinds.ts'
import { freeName, freePlacement } from '../components/palette/new-step.ts'
import { useDevice } from '../stores/device.ts'
import { useEditor } from '../stores/editor.ts'
import { useSelection } from '../stores/selection.ts'
import { useUi } from '../stores/ui.ts'

export function useAddStep() {
  const device = useDevice()
  const editor = useEditor()
  const selection = useSelection()
  const ui = useUi()

  /** @param at its top left corner; without it, a free place around `centre` */
  async function addStep(
    kindId: string,
    where: { readonly at: Placement } | { readonly centre: Placement },
  ): Promise<void> {
    if (!device.replica) return
    const kind = stepKind(kindId)
    const stepId = device.replica.newStepId() as StepId
    const wire = ui.pendingWire
    const placement =
      'at' in where ? where.at : (wire?.placement ?? freePlacement(where.centre, editor.steps))
    const added: Command = {
      type: 'AddStep',
      stepId,
      kind: kind.id,
      name: freeName(kind.title, editor.steps),
      placement,
      config: kind.defaults,
    }
    const connected = wire && connection(wire, stepId, kind.inputs[0], kind.outputs[0])
    ui.pendingWire = null
    if (await editor.run(...(connected ? [added, connected] : [added]))) {
      selection.selectSteps(stepId)
    }
  }

  return addStep
}

/** The command that joins the loose end to the new step's first port; null where it has none. */
function connection(
  { from, to }: DroppedWire,
  stepId: StepId,
  input: string | undefined,
  output: string | undefined,
): Command | null {
  if (from && input !== undefined) {
    return { type: 'Connect', from, to: { stepId, port: input } }
  }
  if (to && output !== undefined) {
    return { type: 'Connect', from: { stepId, port: output }, to }
  }
  return null
}
