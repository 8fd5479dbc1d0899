/** Downloads everything that the server has not acknowledged. */
import { useDevice } from '../stores/device.ts'
import { useServices } from '../session/services.ts'
import { downloadText } from './download-text.ts'

export function useBackup(): () => Promise<void> {
  const device = useDevice()
  const { notify, now } = useServices()
  return async () => {
    const text = (await device.replica?.pendingBackup()) ?? ''
    if (text === '') return notify({ tone: 'info', text: 'There is nothing to back up.' })
    const day = new Date(now()).toISOString().slice(0, 10)
    downloadText(`tributary-unsent-${day}.jsonl`, text, 'application/x-ndjson')
  }
}
