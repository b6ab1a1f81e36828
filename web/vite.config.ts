// How the web application is built: one chunk a page, names with hashes, nothing inline.
import { fileURLToPath } from 'node:url'
import { lingui } from '@lingui/vite-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/app/',
  plugins: [
    react(),
    lingui({
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      macroTransform: true,
      failOnCompileError: true,
    }),
  ],
  build: {
    target: 'es2023',
    // The policy allows no data in place of a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: { port: 5173, proxy: { '/v1': 'http://127.0.0.1:8080' } },
})
