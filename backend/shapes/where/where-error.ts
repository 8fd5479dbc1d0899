/** A where clause that is refused; the message says where and what. */
export class WhereError extends Error {
  constructor(at: number, what: string) {
    super(`At location ${BEFORE_CLAUSE + at}: ${what}`)
    this.name = 'WhereError'
  }
}

/** Clients know locations as counted in `SELECT 1 WHERE ` followed by the clause. */
const BEFORE_CLAUSE = 'SELECT 1 WHERE '.length
