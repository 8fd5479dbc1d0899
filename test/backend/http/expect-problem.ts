import { expect } from 'chai'
import type { Answer } from './test-server.ts'

/** Expects problem details with a status and a code, and a sentence that says what is the matter. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status, answer.text).to.equal(status)
  expect(answer.headers.get('content-type')).to.contain('application/problem+json')
  expect(answer.body).to.include({ status, code })
  expect(answer.body.title).to.be.a('string').and.not.equal('')
  expect(answer.body.detail)
    .to.be.a('string')
    .and.match(/[a-z].*\.$/)
  expect(answer.body.requestId).to.equal(answer.headers.get('x-request-id'))
}
