// Jobs for people: mails are sent, and what is over is forgotten.

import { finishErasures } from '../core/leaving/erase.ts'
import { forgetOldAttempts } from '../core/people/attempts.ts'
import { forgetChallenges } from '../core/people/challenges.ts'
import { forgetLinks } from '../core/people/links.ts'
import { forgetSessions } from '../core/people/sessions.ts'
import type { Job } from './job.ts'

export const peopleJobs: readonly Job[] = [
  {
    name: 'send-mails',
    everyMs: 1_000,
    run: (app, now) => app.mailer.send(now, app.settings().platform_name),
  },
  { name: 'end-sessions', everyMs: 60_000, run: (app, now) => forgetSessions(app.db, now) },
  { name: 'forget-links', everyMs: 60_000, run: (app, now) => forgetLinks(app.db, now) },
  { name: 'forget-challenges', everyMs: 60_000, run: (app, now) => forgetChallenges(app.db, now) },
  { name: 'forget-attempts', everyMs: 60_000, run: (app, now) => forgetOldAttempts(app.db, now) },
  { name: 'erase-accounts', everyMs: 10_000, run: (app, now) => finishErasures(app.db, now) },
]
