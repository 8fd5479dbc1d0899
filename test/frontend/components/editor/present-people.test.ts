import { expect } from 'chai'
import { presentPeople } from '../../../../frontend/components/editor/present-people.ts'

const member = (connectionId: string, actorId: string, name: string) => ({
  connectionId,
  actorId,
  name,
})

describe('who has a pipeline open', () => {
  it('is each person once, however many tabs, oneself first and then by name', () => {
    const members = [
      member('1', 'c', 'Chidi'),
      member('2', 'b', 'Bruno'),
      member('3', 'a', 'Ada'),
      member('4', 'b', 'Bruno'),
      member('5', 'd', 'Zoe'),
    ]
    const people = presentPeople(members, 'd').map(({ name }) => name)
    expect(people).to.deep.equal(['Zoe', 'Ada', 'Bruno', 'Chidi'])
  })
})
