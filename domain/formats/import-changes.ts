/** An imported pipeline as changes, ordered so that each refers only to what came before it. */
import type { PipelineChange, Placement } from '../events/pipeline-events.ts'
import type { TeamId } from '../ids.ts'
import { limits } from '../limits.ts'
import type { ImportedPipeline } from './imported-pipeline.ts'

export interface NewPipelineOptions {
  readonly teamId: TeamId
  /** Instead of the name in the file. */
  readonly name?: string
}

/** The changes that make a new pipeline of an import. */
export function changesOf(
  pipeline: ImportedPipeline,
  { teamId, name = pipeline.name }: NewPipelineOptions,
): PipelineChange[] {
  const { description, graphRule, foreign } = pipeline
  const payload = {
    name,
    teamId,
    graphRule,
    ...(description === undefined ? {} : { description }),
    ...(foreign === undefined ? {} : { foreign }),
  }
  return [{ type: 'PipelineCreated', payload }, ...changesInto(pipeline)]
}

/**
 * The changes that add what was imported to a pipeline that exists, as a paste does; its top left
 * corner comes to lie at `at`, without it everything keeps its placement. To add the same file
 * twice, import it twice: the ids are those of the import.
 */
export function changesInto(pipeline: ImportedPipeline, at?: Placement): PipelineChange[] {
  const place = placer(pipeline, at)
  return [
    ...pipeline.steps.map(({ id, placement, ...step }): PipelineChange => {
      return { type: 'StepAdded', payload: { stepId: id, placement: place(placement), ...step } }
    }),
    ...pipeline.connections.map((ends): PipelineChange => ({
      type: 'StepsConnected',
      payload: ends,
    })),
    ...pipeline.notes.map(({ id, placement, ...note }): PipelineChange => {
      return { type: 'NoteAdded', payload: { noteId: id, placement: place(placement), ...note } }
    }),
  ]
}

function placer(
  { steps, notes }: ImportedPipeline,
  at: Placement | undefined,
): (placement: Placement) => Placement {
  if (at === undefined) return (placement) => placement
  let [left, top] = [Infinity, Infinity]
  for (const { placement } of [...steps, ...notes]) {
    ;[left, top] = [Math.min(left, placement.x), Math.min(top, placement.y)]
  }
  const onCanvas = (value: number): number => Math.min(value, limits.coordinate)
  return ({ x, y }) => ({ x: onCanvas(at.x + (x - left)), y: onCanvas(at.y + (y - top)) })
}
