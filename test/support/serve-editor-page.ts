/** Builds editor-page.ts into a folder of its own and serves it. */
import { createServer } from 'node:http'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { build } from 'vite'

const ENTRY = fileURLToPath(new URL('editor-page.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
}
const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/assets/style.css">
  <div id="app"></div>
  <script type="module" src="/page.js"></script>
</html>`
/** No service worker in these tests: it is the build's, and none is needed to see a page. */
const NO_WORKER = 'export const useRegisterSW = () => ({ needRefresh: { value: false } })'

export interface ServedPage {
  /** The page's address, without a trailing slash. */
  readonly url: string
  close(): Promise<void>
}

export async function serveEditorPage(): Promise<ServedPage> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-page-'))
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    plugins: [
      vue(),
      {
        name: 'no-service-worker',
        resolveId: (id) => (id === 'virtual:pwa-register/vue' ? `\0${id}` : null),
        load: (id) => (id === '\0virtual:pwa-register/vue' ? NO_WORKER : null),
      },
    ],
    worker: { format: 'es' },
    build: {
      outDir: folder,
      target: 'es2023',
      minify: false,
      rollupOptions: {
        input: ENTRY,
        output: { entryFileNames: 'page.js', assetFileNames: 'assets/[name][extname]' },
      },
      cssCodeSplit: false,
    },
  })
  await writeFile(join(folder, 'index.html'), PAGE)
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    const file = join(folder, path === '/' ? 'index.html' : path)
    readFile(file).then(
      (content) => {
        response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
        response.end(content)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
