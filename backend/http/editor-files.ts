/** The built editor: its files, and its one page for every address that is a page. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import express, { type Request, type RequestHandler, type Response } from 'express'

/** Vite names what lies here after its content: it never changes. */
const HASHED = /[\\/]assets[\\/][^\\/]+$/
const FOR_EVER = 'public, max-age=31536000, immutable'
/** Kept, and asked after each time: a new build is seen at the next load. */
const ASK = 'no-cache'

/** The files of a folder; a path that is none is passed on. */
export function editorFiles(folder: string): RequestHandler {
  return express.static(folder, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (response: Response, path: string) =>
      response.setHeader('cache-control', HASHED.test(path) ? FOR_EVER : ASK),
  })
}

/** Answers a browser that asks for a page with the editor; anything else is passed on. */
export function editorPage(folder: string): RequestHandler {
  return async (request, response, next) => {
    if (!isForPage(request)) return next()
    const page = await readFile(join(folder, 'index.html')).catch(() => null)
    response.setHeader('cache-control', ASK)
    response
      .status(page ? 200 : 503)
      .type('html')
      .send(page ?? NOT_BUILT)
  }
}

function isForPage(request: Request): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (request.path === '/') return true
  // A missing script answered with the page would be run as a script.
  if (request.path.startsWith('/assets/')) return false
  return (request.get('accept') ?? '').includes('text/html')
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Tributary: the editor is not built</title>
<h1>The editor is not built</h1>
<p>The server runs, but there is no <code>frontend/dist</code> to serve. Run
<code>npm run build</code>, then reload this page.</p>
</html>
`
