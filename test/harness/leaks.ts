// What must never stand in an answer: stack traces, SQL, the framework's words.
import { expect } from 'vitest'

/** Fails when a body shows the program's insides. */
export function forbidTexts(body: unknown): void {
  expect(JSON.stringify(body)).not.toMatch(
    /node_modules|\.ts:\d|at (async )?[A-Za-z.]+ \(|FST_ERR|select .* from|Zod|syntax error/i,
  )
}
