import type { Component } from 'vue'
import type { JsonValue } from '../../domain/json.ts'

/** The colours of kinds: each is the token `--kind-<name>`. */
export type KindColour = 'orange' | 'blue' | 'purple' | 'amber' | 'teal' | 'grey' | 'pink' | 'sky'

export type StepConfig = Readonly<Record<string, JsonValue>>

/** What the editor knows about a kind of step; a step's `kind` may also be one it does not know. */
export interface StepKind {
  /** What a step's `kind` holds. */
  readonly id: string
  readonly title: string
  /** One line for the palette. */
  readonly description: string
  readonly icon: Component
  readonly colour: KindColour
  /** The ports that steps of this kind show, in their order along the edge. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** What a port means in this kind, where its name does not say it. */
  readonly portTitles?: Readonly<Record<string, string>>
  /** The config of a new step. */
  readonly defaults: StepConfig
  /** The line under a step's name: what its config says most; '' where it says nothing yet. */
  readonly summary: (config: StepConfig) => string
}

/** Kinds under one heading of the palette. */
export interface KindGroup {
  readonly title: string
  readonly kinds: readonly StepKind[]
}

type Given = Pick<StepKind, 'id' | 'title' | 'description' | 'icon' | 'colour'> & Partial<StepKind>

/** A step in the middle of things: one way in, one way out, unless it says otherwise. */
export function flowing(given: Given): StepKind {
  return { inputs: ['in0'], outputs: ['out0'], defaults: {}, summary: () => '', ...given }
}

/** A step that starts a run: nothing leads to it. */
export function starting(given: Omit<Given, 'colour'>): StepKind {
  return flowing({ inputs: [], colour: 'orange', ...given })
}

/** A step that another one uses: it hangs below that one by a port of its own type. */
export function used(port: string, given: Omit<Given, 'colour'>): StepKind {
  return flowing({ inputs: [], outputs: [port], colour: 'sky', ...given })
}
