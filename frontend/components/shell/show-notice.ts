import { toast } from 'vue-sonner'
import type { Notice } from '../../session/notice.ts'

const SHOW = { info: toast.info, good: toast.success, warn: toast.warning, bad: toast.error }

/** Shows a notice as a toast. The same text again replaces the one on show. */
export function showNotice({ tone, text, detail, action }: Notice): void {
  SHOW[tone](text, {
    id: text,
    ...(detail !== undefined && { description: detail }),
    ...(action && { action: { label: action.label, onClick: action.run } }),
  })
}
