// Which errors mean that an archive is damaged, and which do not.
import { expect, it } from 'vitest'
import { BadLines, isFileError } from '../../src/core/archive/files.ts'
import { markAsDatabaseError } from '../../src/db/errors.ts'

const failed = (code: string) => Object.assign(new Error('failed'), { code })

it.each([
  ['a missing file', failed('ENOENT')],
  ['a read that fails', failed('EIO')],
  ['bad compression', failed('Z_DATA_ERROR')],
  ['bad lines', new BadLines('a line is too long')],
])('%s is a fault of the archive', (_, error) => {
  expect(isFileError(error)).toBe(true)
})

it.each([
  ['a lost connection', markAsDatabaseError(failed('ECONNRESET'))],
  ['a missing socket', markAsDatabaseError(failed('ENOENT'))],
  ['a server that shuts down', markAsDatabaseError(failed('57P01'))],
  ['a duplicate', markAsDatabaseError(failed('23505'))],
  ['a bug', new TypeError('failed')],
])('%s is none of the archive', (_, error) => {
  expect(isFileError(error)).toBe(false)
})
