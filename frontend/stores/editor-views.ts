/** Everything that views show of an open pipeline, computed from it. */
import { computed, type ShallowRef } from 'vue'
import type { OpenPipeline } from '../replica/replica.ts'
import { readOnlyReason } from '../words/read-only.ts'
import { conflictCounts } from './conflict-counts.ts'
import type { PipelineViews } from './pipeline-views.ts'
import type { PipelineState } from '../../domain/pipeline/state.ts'

const NONE: ReadonlySet<string> = new Set()

/** @param viewsOf gives the views of a state; another pipeline has another such function */
export function editorViews(
  open: ShallowRef<OpenPipeline | null>,
  viewsOf: (state: PipelineState) => PipelineViews,
) {
  const status = computed(() => open.value?.status ?? 'loading')
  const role = computed(() => open.value?.role ?? null)
  const views = computed(() => (open.value ? viewsOf(open.value.state) : null))
  const pipeline = computed(() => views.value?.pipeline ?? null)
  const steps = computed(() => views.value?.steps ?? [])
  const notes = computed(() => views.value?.notes ?? [])
  const conflicts = computed(() => views.value?.conflicts ?? [])
  return {
    id: computed(() => open.value?.id ?? null),
    status,
    role,
    members: computed(() => open.value?.members ?? []),
    canUndo: computed(() => open.value?.canUndo ?? false),
    canRedo: computed(() => open.value?.canRedo ?? false),
    pipeline,
    steps,
    connections: computed(() => views.value?.connections ?? []),
    notes,
    conflicts,
    /** Conflicts by step id. */
    countsByStep: computed(() => conflictCounts(conflicts.value)),
    /** Ids of steps and notes with edits that the server does not have. */
    pending: computed(() => open.value?.pendingThings ?? NONE),
    stepsById: computed(() => new Map(steps.value.map((step) => [step.id, step]))),
    notesById: computed(() => new Map(notes.value.map((note) => [note.id, note]))),
    /** Why nothing can be edited now; null where it can. */
    readOnly: computed(() =>
      readOnlyReason({
        status: status.value,
        role: role.value,
        archived: pipeline.value?.status === 'archived',
      }),
    ),
  }
}
