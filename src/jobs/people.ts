// Jobs for people: mails are sent, and what is over is forgotten.
import type { App } from '../app.ts'
import { finishErasures } from '../core/leaving/erase.ts'
import { forgetOldAttempts } from '../core/people/attempts.ts'
import { forgetChallenges } from '../core/people/challenges.ts'
import { forgetLinks } from '../core/people/links.ts'
import { queueNotices } from '../core/people/notices.ts'
import { forgetSessions } from '../core/people/sessions.ts'
import type { Job } from './job.ts'

export const peopleJobs: readonly Job[] = [
  {
    name: 'send-mails',
    everyMs: 1_000,
    run: (app, now) => app.mailer.send(now, app.settings().platform_name),
  },
  {
    name: 'queue-notices',
    everyMs: 2_000,
    run: (app, now) => queueNotices(app.db, now, originOf(app.config)),
  },
  { name: 'end-sessions', everyMs: 60_000, run: (app, now) => forgetSessions(app.db, now) },
  { name: 'forget-links', everyMs: 60_000, run: (app, now) => forgetLinks(app.db, now) },
  { name: 'forget-challenges', everyMs: 60_000, run: (app, now) => forgetChallenges(app.db, now) },
  { name: 'forget-attempts', everyMs: 60_000, run: (app, now) => forgetOldAttempts(app.db, now) },
  { name: 'erase-accounts', everyMs: 10_000, run: (app, now) => finishErasures(app.db, now) },
]

/** Where links in mails lead that no request has caused: the public URL, or this machine. */
function originOf({ publicUrl, port }: App['config']): string | null {
  if (publicUrl !== null) return URL.parse(publicUrl)?.origin ?? null
  return port === 0 ? null : `http://localhost:${port}`
}
