/** What an import could not bring over as it was, as headed lists of sentences. */
import type { ImportReport } from '../../../domain/formats/imported-pipeline.ts'
import { counted } from '../../words/counted.ts'

export interface ImportSection {
  readonly title: string
  readonly lines: readonly string[]
  /** Something of the file is not in the pipeline: shown first, and never folded. */
  readonly lost?: true
}

/** Empty where everything came over. */
export function importSections(report: ImportReport): readonly ImportSection[] {
  const { cycles, unmapped, dangling, credentials, secrets, warnings } = report
  const sections: ImportSection[] = [
    {
      title: `${counted(dangling.length, 'connection')} left out: an end is missing`,
      lines: dangling.map(({ from, to, why }) => `${from} to ${to}: ${why}`),
      lost: true,
    },
    {
      title: 'Good to know',
      lines: [
        ...(cycles > 0
          ? [
              `${counted(cycles, 'connection')} ${cycles === 1 ? 'closes' : 'close'} a cycle, so this pipeline allows cycles.`,
            ]
          : []),
        ...warnings,
      ],
    },
    {
      title: `${counted(unmapped.length, 'part')} kept as imported or left out`,
      lines: unmapped.map(({ what, where, why }) => `${where ? `${where}: ` : ''}${what}. ${why}`),
    },
    {
      title: `${counted(credentials.length, 'credential')} to map`,
      lines: credentials.map(({ type, name, where }) => `${name ?? type}, used by ${where}`),
    },
    {
      title: counted(secrets.length, 'possible secret'),
      lines: secrets.map(({ where, looksLike }) => `${where}: ${looksLike}`),
    },
  ]
  return sections.filter(({ lines }) => lines.length > 0)
}
