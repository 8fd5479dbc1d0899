/** A table as the catalog describes it. */
export interface TableInfo {
  /** Tells a dropped table from a new one of the same name. */
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** In the order of the table. */
  readonly columns: readonly Column[]
  /** Names of the primary key's columns, in its order. */
  readonly key: readonly string[]
}

export interface Column {
  readonly name: string
  /** The type's name, such as `int4`; of an array that of its elements. */
  readonly type: string
  /** 0 for everything but arrays. */
  readonly dimensions: number
  readonly isNotNull: boolean
}

/** What clients are told of the columns, to know how to read the texts. */
export function schemaHeader({ columns, key }: TableInfo, selected: readonly string[]): string {
  const described = columns
    .filter(({ name }) => selected.includes(name))
    .map(({ name, type, dimensions, isNotNull }) => {
      const place = key.indexOf(name)
      return [
        name,
        {
          type,
          ...(dimensions > 0 && { dims: dimensions }),
          ...(isNotNull && { not_null: true }),
          ...(place >= 0 && { pk_index: place }),
        },
      ]
    })
  return JSON.stringify(Object.fromEntries(described))
}
