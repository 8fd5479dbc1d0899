/**
 * Names and notes that were typed on the canvas. Where somebody else wrote meanwhile, the text is
 * not written over theirs: it opens in the inspector as a draft that waits for the choice.
 */
import { beginDraft } from '../components/inspector/field-draft.ts'
import { useDrafts } from '../stores/drafts.ts'
import { useEditor } from '../stores/editor.ts'
import { useSelection } from '../stores/selection.ts'
import { useUi } from '../stores/ui.ts'
import { writeCommand, type EditedThing } from '../stores/write-command.ts'

export interface CanvasText {
  readonly text: string
  /** What stood there when the typing began. */
  readonly was: string
}

export function useCanvasText() {
  const drafts = useDrafts()
  const editor = useEditor()
  const selection = useSelection()
  const ui = useUi()

  return async (thing: EditedThing, field: string, { text, was }: CanvasText): Promise<void> => {
    const now = editor.register(thing, field)?.[0]?.value
    if (now === was || now === text) {
      await editor.run(writeCommand(thing, field, text))
      return
    }
    // Begun from nothing: whatever stands there now arrived since.
    drafts.set(`${editor.id}/${thing.id}/${field}`, beginDraft([], text))
    if (thing.kind === 'step') selection.selectSteps(thing.id)
    else selection.selectNote(thing.id)
    ui.tab = 'edit'
    ui.sheet = 'inspector'
  }
}
