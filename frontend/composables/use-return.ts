import { useRoute, useRouter } from 'vue-router'

/** Goes to where the person wanted to be before they had to sign in; to the list otherwise. */
export function useReturn(): () => Promise<unknown> {
  const route = useRoute()
  const router = useRouter()
  return () => {
    const { back } = route.query
    // Only a path of this app: an address in a link must not lead elsewhere after signing in.
    const isOwn = typeof back === 'string' && /^\/(?![/\\])/.test(back)
    return router.replace(isOwn ? back : { name: 'list' })
  }
}
