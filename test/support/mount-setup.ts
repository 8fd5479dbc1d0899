import { createRenderer } from 'vue'

const nothing = () => undefined
const node = () => ({})

/** Renders to nowhere: what a component sets up lives, without a page. */
const { createApp } = createRenderer<object, object>({
  insert: nothing,
  remove: nothing,
  createElement: node,
  createText: node,
  createComment: node,
  setText: nothing,
  setElementText: nothing,
  patchProp: nothing,
  parentNode: () => null,
  nextSibling: () => null,
})

/** Mounts a component that consists of its setup; the answer unmounts it. */
export function mountSetup(setup: () => void): () => void {
  const app = createApp({ setup, render: () => null })
  app.mount({})
  return () => app.unmount()
}
