/**
 * The pipeline that is open in this tab, as its views show it, and the gestures made on it.
 *
 * It holds no truth: the views are computed from the state that the device's copy advances.
 */
import { defineStore } from 'pinia'
import { ref, shallowRef, triggerRef } from 'vue'
import type { PipelineId } from '../../domain/ids.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import type { Register } from '../../domain/pipeline/register.ts'
import { thingsOf } from '../../domain/pipeline/state.ts'
import type { OpenPipeline } from '../replica/replica.ts'
import { useServices } from '../session/services.ts'
import { leftAloneWords } from '../words/left-alone.ts'
import { useDevice } from './device.ts'
import { editorViews } from './editor-views.ts'
import { createPipelineViews } from './pipeline-views.ts'
import type { EditedThing } from './write-command.ts'

export const useEditor = defineStore('editor', () => {
  const { notify } = useServices()
  const device = useDevice()
  const open = shallowRef<OpenPipeline | null>(null)
  /** Counts what the copy told: what is read from it at length follows this. */
  const changes = ref(0)
  let viewsOf = createPipelineViews()
  let stopWatching: (() => void) | null = null

  /** Opens a pipeline and closes the one before. */
  function show(id: PipelineId): void {
    leave()
    viewsOf = createPipelineViews()
    const opened = device.replica?.open(id) ?? null
    stopWatching = opened?.subscribe(changed) ?? null
    open.value = opened
  }

  function changed(): void {
    changes.value += 1
    triggerRef(open)
  }

  function leave(): void {
    stopWatching?.()
    stopWatching = null
    open.value?.close()
    open.value = null
  }

  /** The writes that a field holds now; undefined where it was never written. */
  function register({ kind, id }: EditedThing, field: string): Register | undefined {
    const state = open.value?.state
    const thing = kind === 'pipeline' ? state?.pipeline : state && thingsOf(state, kind).get(id)
    return thing?.fields.get(field)
  }

  /** Makes one gesture; says why where it is refused. Answers whether it was made. */
  async function run(...commands: readonly Command[]): Promise<boolean> {
    if (!open.value) return false
    const result = await open.value.execute(commands)
    if (result.ok) return true
    const { code, message } = result.rejection
    if (code !== 'no-change') notify({ tone: 'warn', text: message })
    return code === 'no-change'
  }

  async function turnBack(way: 'undo' | 'redo'): Promise<void> {
    const pipeline = open.value
    if (!pipeline) return
    const { leftAlone } = await pipeline[way]()
    const detail = leftAloneWords(leftAlone, pipeline.state)
    if (detail) {
      notify({ tone: 'warn', text: way === 'undo' ? 'Not all undone' : 'Not all redone', detail })
    }
  }

  return {
    open,
    changes,
    ...editorViews(open, (state) => viewsOf(state)),
    show,
    leave,
    register,
    run,
    undo: () => turnBack('undo'),
    redo: () => turnBack('redo'),
  }
})
