/** The pages and their addresses. Those that are not needed at once are loaded when they are. */
import { createRouter, createWebHistory, type Router, type RouterHistory } from 'vue-router'
import PipelineList from './pages/PipelineList.vue'
import { isUuid } from '../domain/ids.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Shown without a signed-in person. */
    open?: boolean
    /** The words before "Tributary" in the window's title. */
    title?: string
  }
}

export interface RouterOptions {
  /** Whether somebody is signed in on this device, with or without a network. */
  readonly isSignedIn: () => boolean
  readonly history?: RouterHistory
}

export function createAppRouter({
  isSignedIn,
  history = createWebHistory(),
}: RouterOptions): Router {
  const router = createRouter({
    history,
    routes: [
      { path: '/', name: 'list', component: PipelineList, meta: { title: 'Pipelines' } },
      {
        path: '/p/:id',
        name: 'editor',
        component: () => import('./pages/Editor.vue'),
        props: true,
        beforeEnter: ({ params }) => isUuid(String(params['id'])) || { name: 'not-found' },
      },
      {
        path: '/teams/:id',
        name: 'team',
        component: () => import('./pages/Team.vue'),
        props: true,
        meta: { title: 'Team' },
      },
      {
        path: '/sign-in',
        name: 'sign-in',
        component: () => import('./pages/SignIn.vue'),
        meta: { open: true, title: 'Sign in' },
      },
      {
        path: '/sign-up',
        name: 'sign-up',
        component: () => import('./pages/SignUp.vue'),
        meta: { open: true, title: 'Create account' },
      },
      {
        path: '/join/:token',
        name: 'join',
        component: () => import('./pages/JoinTeam.vue'),
        meta: { open: true, title: 'Join' },
      },
      {
        path: '/:path(.*)*',
        name: 'not-found',
        component: () => import('./pages/NotFound.vue'),
        meta: { open: true, title: 'Not found' },
      },
    ],
  })
  router.beforeEach((to) => {
    if (to.meta.open || isSignedIn()) return true
    return { name: 'sign-in', query: to.path === '/' ? {} : { back: to.fullPath } }
  })
  return router
}
