/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the API. */
const api = process.env.COMMANDCENTER_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  // Nothing may become a data: URL or an inline script: the page's policy allows own files only.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022" },
  server: { proxy: { "/api": { target: api, ws: true }, "/docs": api, "/openapi.json": api, "/health": api } },
  test: { environment: "jsdom", setupFiles: ["./src/test/setup.ts"], restoreMocks: true },
});
