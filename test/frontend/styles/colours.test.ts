import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { PERSON_COLOURS, personColour } from '../../../frontend/catalogue/person-colour.ts'
import { KIND_GROUPS } from '../../../frontend/catalogue/step-kinds.ts'
import { contrastRatio } from '../../support/contrast.ts'

type Tokens = Map<string, readonly [light: string, dark: string]>

const TOKEN = /--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g
const css = readFileSync(new URL('../../../frontend/styles/tokens.css', import.meta.url), 'utf8')
const [plain, contrast] = css.split('@media (prefers-contrast: more)') as [string, string]
const tokensOf = (text: string): [string, readonly [string, string]][] =>
  [...text.matchAll(TOKEN)].map(([, name, light, dark]) => [name!, [light!, dark!]])
const usual: Tokens = new Map(tokensOf(plain))
const strong: Tokens = new Map([...usual, ...tokensOf(contrast)])

const GROUNDS = ['bg', 'surface', 'raised', 'sunken']
const TEXTS = ['ink', 'ink-2', 'accent', 'warn', 'bad', 'good', 'info']
const ON_GROUND: [string, string][] = [
  ...['warn', 'bad', 'good', 'info', 'accent'].map((name): [string, string] => [
    name,
    `${name}-soft`,
  ]),
  ...['warn-soft', 'bad-soft', 'good-soft', 'info-soft', 'accent-soft'].flatMap(
    (soft): [string, string][] => [
      ['ink', soft],
      ['ink-2', soft],
    ],
  ),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['bg', 'ink'],
  ['bg', 'warn'],
  // A disabled step's name and summary lie on its hatching.
  ['ink-2', 'hatch'],
  ['on-paper', 'paper'],
]
const SHAPES = [...usual.keys()]
  .filter((name) => name.startsWith('kind-'))
  .concat('ink-3', 'warn-line', 'wire')

for (const [name, tokens] of [
  ['the colours', usual],
  ['the colours for more contrast', strong],
] as const) {
  for (const [theme, side] of [
    ['light', 0],
    ['dark', 1],
  ] as const) {
    describe(`${name}, ${theme}`, () => {
      const colour = (token: string) => tokens.get(token)![side]

      it('let every text be read on every ground (AA, 4.5)', () => {
        const pairs = [...TEXTS.flatMap((text) => GROUNDS.map((on) => [text, on])), ...ON_GROUND]
        for (const [text, on] of pairs as [string, string][]) {
          expect(contrastRatio(colour(text), colour(on)), `${text} on ${on}`).to.be.at.least(4.5)
        }
      })

      it('let icons and lines that say something be seen (3)', () => {
        for (const shape of SHAPES) {
          for (const on of GROUNDS) {
            expect(contrastRatio(colour(shape), colour(on)), `${shape} on ${on}`).to.be.at.least(3)
          }
        }
      })

      it('let a wire be followed across a note (3)', () => {
        expect(contrastRatio(colour('wire'), colour('paper'))).to.be.at.least(3)
      })
    })
  }
}

describe('the colour of a person', () => {
  it('is the same every time, and one of the palette', () => {
    const id = '0190a1b2-0000-7000-8000-000000000001'
    expect(personColour(id)).to.equal(personColour(id))
    expect(PERSON_COLOURS).to.include(personColour(id))
    expect(PERSON_COLOURS).to.include(personColour(''))
  })

  it('spreads people whose ids are alike', () => {
    const ids = Array.from({ length: 600 }, (_, index) => `0190a1b2-0000-7000-8000-${index}`)
    for (const colour of PERSON_COLOURS) {
      expect(ids.filter((id) => personColour(id) === colour).length).to.be.within(20, 100)
    }
  })

  it('is readable under white initials, and seen on the canvas and the cards of both themes', () => {
    for (const colour of PERSON_COLOURS) {
      expect(contrastRatio(colour, '#ffffff'), colour).to.be.at.least(4.5)
      for (const ground of ['bg', 'surface', 'raised']) {
        for (const side of [0, 1] as const) {
          expect(
            contrastRatio(colour, usual.get(ground)![side]),
            `${colour} ${ground}`,
          ).to.be.at.least(3)
        }
      }
    }
  })
})

describe('the colour of a kind', () => {
  it('is a token', () => {
    for (const { kinds } of KIND_GROUPS) {
      for (const { id, colour } of kinds) expect(usual.has(`kind-${colour}`), id).to.equal(true)
    }
  })
})
