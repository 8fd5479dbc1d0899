/**
 * Which kind of step an n8n node type is. A kind says what a step is for, whoever makes it; the
 * type itself stays with the step, so nothing is lost by a coarse kind.
 */

/** The kind of a step whose type has none here: a plain card, and a form of its values. */
export const FOREIGN_N8N = 'foreign.n8n'

/** A remark on the canvas; it becomes a note, not a step. */
export const N8N_NOTE = 'n8n-nodes-base.stickyNote'

const BASE = 'n8n-nodes-base.'
const LANGCHAIN = '@n8n/n8n-nodes-langchain.'

interface N8nKind {
  readonly kind: string
  /** Types without `n8n-nodes-base.`. */
  readonly base?: readonly string[]
  /** Types without `@n8n/n8n-nodes-langchain.`. A step made here becomes the first of all types. */
  readonly langchain?: readonly string[]
  /** Beginnings of further types of the second package, which names its types by families. */
  readonly families?: readonly string[]
}

const KINDS: readonly N8nKind[] = [
  { kind: 'manual', base: ['manualTrigger', 'start'] },
  { kind: 'schedule', base: ['scheduleTrigger', 'cron', 'interval'] },
  { kind: 'webhook', base: ['webhook'] },
  { kind: 'respond', base: ['respondToWebhook'] },
  { kind: 'form', base: ['formTrigger', 'form'] },
  { kind: 'chat', langchain: ['chatTrigger', 'manualChatTrigger', 'chat'] },
  { kind: 'http', base: ['httpRequest', 'graphql'] },
  {
    kind: 'transform',
    base: [
      ...['set', 'aggregate', 'aiTransform', 'compression', 'convertToFile', 'crypto', 'dateTime'],
      ...['extractFromFile', 'html', 'htmlExtract', 'itemLists', 'limit', 'markdown'],
      ...[
        'moveBinaryData',
        'removeDuplicates',
        'renameKeys',
        'sort',
        'splitOut',
        'spreadsheetFile',
      ],
      ...['summarize', 'xml'],
    ],
  },
  { kind: 'filter', base: ['filter'] },
  { kind: 'condition', base: ['if'] },
  { kind: 'switch', base: ['switch'] },
  { kind: 'merge', base: ['merge', 'compareDatasets'] },
  { kind: 'code', base: ['code', 'function', 'functionItem'] },
  { kind: 'command', base: ['executeCommand', 'ssh'] },
  {
    kind: 'database',
    base: [
      ...['postgres', 'crateDb', 'elasticsearch', 'microsoftSql', 'mongoDb', 'mySql', 'questDb'],
      ...['redis', 'snowflake', 'supabase', 'timescaleDb'],
    ],
  },
  {
    kind: 'file',
    base: [
      ...['readWriteFile', 'awsS3', 'ftp', 'readBinaryFile', 'readBinaryFiles', 's3'],
      ...['writeBinaryFile'],
    ],
  },
  {
    kind: 'notify',
    base: [
      ...[
        'emailSend',
        'discord',
        'matrix',
        'mattermost',
        'microsoftTeams',
        'pushbullet',
        'pushover',
      ],
      ...['rocketchat', 'sendGrid', 'slack', 'telegram', 'twilio'],
    ],
  },
  { kind: 'pipeline', base: ['executeWorkflow'] },
  { kind: 'pipeline-input', base: ['executeWorkflowTrigger'] },
  { kind: 'wait', base: ['wait'] },
  { kind: 'loop', base: ['splitInBatches'] },
  { kind: 'stop', base: ['stopAndError'] },
  { kind: 'noop', base: ['noOp'] },
  {
    kind: 'ai-agent',
    langchain: ['agent', 'informationExtractor', 'sentimentAnalysis', 'textClassifier'],
    families: ['chain'],
  },
  { kind: 'ai-model', base: ['openAi'], langchain: ['lmChatOpenAi', 'openAi'], families: ['lm'] },
  { kind: 'ai-memory', langchain: ['memoryBufferWindow'], families: ['memory'] },
  { kind: 'ai-tool', langchain: ['toolWorkflow', 'agentTool'], families: ['tool'] },
  { kind: 'ai-parser', langchain: ['outputParserStructured'], families: ['outputParser'] },
  { kind: 'ai-embedding', langchain: ['embeddingsOpenAi'], families: ['embeddings'] },
  { kind: 'ai-vector-store', langchain: ['vectorStoreInMemory'], families: ['vectorStore'] },
  { kind: 'ai-retriever', langchain: ['retrieverVectorStore'], families: ['retriever'] },
  { kind: 'ai-document', langchain: ['documentDefaultDataLoader'], families: ['document'] },
  {
    kind: 'ai-text-splitter',
    langchain: ['textSplitterRecursiveCharacterTextSplitter'],
    families: ['textSplitter'],
  },
]

const KIND_BY_TYPE = new Map(
  KINDS.flatMap((entry) => typesOf(entry).map((type) => [type, entry.kind] as const)),
)
const TYPE_BY_KIND = new Map(KINDS.map((entry) => [entry.kind, typesOf(entry)[0]!]))
const FAMILIES = KINDS.flatMap(({ kind, families = [] }) =>
  families.map((family) => [LANGCHAIN + family, kind] as const),
)

function typesOf({ base = [], langchain = [] }: N8nKind): string[] {
  return [...langchain.map((type) => LANGCHAIN + type), ...base.map((type) => BASE + type)]
}

/** The kind of step that an n8n node type is; `foreign.n8n` where there is none. */
export function kindOfN8nType(type: string): string {
  const known = KIND_BY_TYPE.get(type)
  if (known !== undefined) return known
  // n8n derives a tool for its agents from each of its apps, and calls it by the app's name.
  if (type.startsWith(BASE) && type.endsWith('Tool')) return 'ai-tool'
  return FAMILIES.find(([family]) => type.startsWith(family))?.[1] ?? FOREIGN_N8N
}

/** The n8n node type for a step of one of our kinds; null where n8n has none like it. */
export function n8nTypeOfKind(kind: string): string | null {
  return TYPE_BY_KIND.get(kind) ?? null
}
