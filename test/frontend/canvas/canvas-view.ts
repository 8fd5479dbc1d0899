import type { ConnectionView, NoteView, StepView } from '../../../domain/pipeline/view.ts'
import type { StepId } from '../../../domain/ids.ts'

/** Builders of what the canvas is given. */
export function step(id: string, x = 0, y = 0, rest: Partial<StepView> = {}): StepView {
  const own = { kind: 'http', name: id.toUpperCase(), config: {}, enabled: true }
  return { id, placement: { x, y }, ...own, ...rest }
}

export function connection(
  from: string,
  to: string,
  rest: Partial<ConnectionView> & { out?: string; into?: string } = {},
): ConnectionView {
  const { out = 'out0', into = 'in0', ...view } = rest
  return {
    from: { stepId: from as StepId, port: out },
    to: { stepId: to as StepId, port: into },
    status: 'active',
    ...view,
  }
}

export function note(id: string, x = 0, y = 0, rest: Partial<NoteView> = {}): NoteView {
  return { id, text: 'A note', placement: { x, y }, size: { width: 200, height: 100 }, ...rest }
}
