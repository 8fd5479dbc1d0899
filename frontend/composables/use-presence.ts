/** Where the others are, and telling them where this person is. */
import { computed, watch } from 'vue'
import type { Placement } from '../../domain/events/pipeline-events.ts'
import type { CanvasPresence } from '../canvas/intents.ts'
import { personColour } from '../catalogue/person-colour.ts'
import { useEditor } from '../stores/editor.ts'
import { usePeople } from '../stores/people.ts'
import { useSelection } from '../stores/selection.ts'
import { useSession } from '../stores/session.ts'

export function usePresence() {
  const editor = useEditor()
  const selection = useSelection()
  const session = useSession()
  const people = usePeople()

  /** Without the person themselves: another tab of theirs is no company. */
  const others = computed<readonly CanvasPresence[]>(() =>
    editor.members
      .filter(({ actorId }) => actorId !== session.user?.id)
      .map(({ connectionId, actorId, name, cursor, selection, editing }) => {
        return { connectionId, name, colour: personColour(actorId), cursor, selection, editing }
      }),
  )

  watch(
    () => editor.members,
    (members) => {
      for (const { actorId, name } of members) people.meet(actorId, name)
    },
    { immediate: true },
  )
  watch(
    () => [...selection.stepIds, ...selection.noteIds],
    (ids) => editor.open?.showPresence({ selection: ids.slice(0, MOST_SELECTED) }),
  )

  const showCursor = (cursor: Placement | null) => editor.open?.showPresence({ cursor })

  return { others, showCursor }
}

/** The protocol takes no more. */
const MOST_SELECTED = 200
