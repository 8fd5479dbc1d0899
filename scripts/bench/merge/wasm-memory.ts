/** The memory of WebAssembly, which is no part of the heap and only partly of what Node calls external. */

/**
 * Notes every module that is instantiated from now on, and gives a function that says how many bytes
 * the memories of all of them have. Such a memory grows and never shrinks.
 */
export function watchWasmMemory(): () => number {
  const memories = new Set<WebAssembly.Memory>()
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args: ConstructorParameters<typeof WebAssembly.Instance>) {
      const instance = new target(...args)
      for (const exported of Object.values(instance.exports)) {
        if (exported instanceof WebAssembly.Memory) memories.add(exported)
      }
      return instance
    },
  })
  return () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
}
