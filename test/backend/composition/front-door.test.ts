import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { takeAddress, type FrontDoor } from '../../../backend/composition/front-door.ts'
import { StartError } from '../../../backend/composition/start-error.ts'

describe('the front door', () => {
  let front: FrontDoor | null = null

  const take = async (host = '127.0.0.1', port = 0) => (front = await takeAddress(host, port))
  const refusal = (host: string, port: number) =>
    take(host, port).then(
      () => expect.fail('it listens'),
      (error: unknown) => error as StartError,
    )
  afterEach(async () => {
    await front?.close()
    front = null
  })

  describe('before the server is ready', () => {
    it('tells every request to come back', async () => {
      const { port } = await take()
      for (const [path, init] of [
        ['/readyz', {}],
        ['/api/pipelines/import', { method: 'POST', body: 'x'.repeat(200_000) }],
      ] as const) {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, init)
        expect(answer.status).to.equal(503)
        expect(answer.headers.get('retry-after')).to.equal('1')
        expect(answer.headers.get('content-type')).to.equal('application/problem+json')
        expect(await answer.json()).to.include({ status: 503, code: 'unavailable' })
      }
    })

    it('tells it also to who asks for a WebSocket', async () => {
      const { port } = await take()
      const socket = connect(port, '127.0.0.1')
      socket.write('GET /socket.io/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n')
      socket.write('Upgrade: websocket\r\n\r\n')
      const [text] = (await once(socket, 'data')) as [Buffer]
      expect(text.toString()).to.match(/^HTTP\/1.1 503 /)
      socket.destroy()
    })
  })

  it('hands requests to the listener once there is one', async () => {
    const { port, open } = await take()
    open((_request, answer) => answer.end('ready'))
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    expect(await answer.text()).to.equal('ready')
  })

  it('gives the port back, though somebody is connected', async () => {
    const { port, close } = await take()
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    await close()
    await close()
    await take('127.0.0.1', port)
  })

  describe('at an address that cannot be had', () => {
    it('says that the port is in use', async () => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as AddressInfo
      const error = await refusal('127.0.0.1', port)
      other.close()
      expect(error).to.be.an.instanceOf(StartError)
      expect(error.message).to.equal(
        `Port ${port} on 127.0.0.1 is in use by another program. Stop that one, or set PORT to ` +
          'another port (0 takes a free one).',
      )
    })

    it('says that HOST is no address of this machine', async () => {
      // A block that is kept for documentation.
      expect((await refusal('192.0.2.1', 0)).message).to.match(/^HOST is "192.0.2.1", which is no/)
    })
  })
})
