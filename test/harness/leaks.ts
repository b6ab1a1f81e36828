// What a response must never contain: stack traces, SQL, texts of the framework.
import { expect } from 'vitest'

/** Fails if a body shows internals of the program. */
export function forbidTexts(body: unknown): void {
  expect(JSON.stringify(body)).not.toMatch(
    /node_modules|\.ts:\d|at (async )?[A-Za-z.]+ \(|FST_ERR|select .* from|Zod|syntax error/i,
  )
}
