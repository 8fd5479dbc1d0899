import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** What the server answers itself; everything else is the editor. */
const SERVER_PATHS = [
  /^\/api\//,
  /^\/v1\//,
  /^\/socket\.io\//,
  /^\/healthz$/,
  /^\/readyz$/,
  /^\/metrics$/,
]

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023' },
  worker: { format: 'es' },
  plugins: [
    vue(),
    VitePWA({
      strategies: 'generateSW',
      // Never by itself: a page with a draft in it decides when it reloads.
      registerType: 'prompt',
      injectRegister: false,
      includeAssets: ['icon.svg', 'icon-180.png'],
      manifest: {
        name: 'Tributary',
        short_name: 'Tributary',
        description: 'A visual pipeline editor for teams: works offline, overwrites nothing.',
        start_url: '/',
        display: 'standalone',
        background_color: '#f6f7f5',
        theme_color: '#0f7a6c',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          {
            src: '/icon-maskable-512.png',
            sizes: '512x512',
            type: 'image/png',
            purpose: 'maskable',
          },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,png,woff2,webmanifest}'],
        navigateFallback: 'index.html',
        navigateFallbackDenylist: SERVER_PATHS,
        // What changes lives in the device's own store; a cached answer would be a second truth.
        runtimeCaching: [],
        cleanupOutdatedCaches: true,
      },
    }),
  ],
})
