import { explorePlugin } from 'every-order/vite'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [explorePlugin()] })
