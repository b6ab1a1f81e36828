// Headers that are damaged, missing, or not kept apart from the body.
import { lines, mail, type Shape, sender, shape, utf8 } from './shape.ts'

const text = 'Your code is 482918.'

export const headers: readonly Shape[] = [
  shape('no header at all', lines(text), { text, subject: '', from: '' }),
  shape('no header, several paragraphs', lines('Hello,', '', text), {
    text: `Hello,\n\n${text}`,
    subject: '',
    from: '',
  }),
  shape('no header, and a text that looks like a field', lines('Code: 482918'), {
    text: 'Code: 482918',
    subject: '',
    from: '',
  }),
  shape('a blank line first, and no header', lines('', text), { text, subject: '', from: '' }),
  shape('a blank line before the header', lines('', sender, 'Subject: Hi', '', text), text),
  shape(
    'a line of a mailbox file before the header',
    lines('From noreply@example.com Fri Nov 20 10:00:00 2026', sender, 'Subject: Hi', '', text),
    text,
  ),
  shape(
    'the same, quoted',
    lines('>From noreply@example.com Fri Nov 20 10:00:00 2026', sender, 'Subject: Hi', '', text),
    text,
  ),
  shape('no blank line behind the header', lines(sender, 'Subject: Hi', text), text),
  shape(
    'no blank line, and a text that looks like a field',
    lines(sender, 'Subject: Hi', 'Code: 482918', ''),
    'Code: 482918',
  ),
  shape('a blank line of blanks', lines(sender, 'Subject: Hi', '  ', text), text),
  shape('a line of blanks within the header', lines(sender, ' ', 'Subject: Hi', '', text), text),
  shape(
    'a stray line within the header',
    lines(sender, 'this is no field', 'Subject: Hi', '', text),
    {
      text,
      from: 'Example <noreply@example.com>',
    },
  ),
  shape(
    'a subject that goes on without a blank',
    lines(sender, 'Subject: A long', 'story', 'To: a@example.com', '', text),
    {
      text,
      subject: 'A long story',
    },
  ),
  shape('a folded subject', lines(sender, 'Subject: A', '\tlong', '  story', '', text), {
    text,
    subject: 'A long story',
  }),
  shape('a subject folded at once', lines(sender, 'Subject:', ' Hi', '', text), text),
  shape('blanks before the colon', lines(sender, 'Subject : Hi', '', text), text),
  shape('no blank behind the colon', lines('From:noreply@example.com', 'Subject:Hi', '', text), {
    text,
    from: 'noreply@example.com',
  }),
  shape('two subjects', lines(sender, 'Subject: Hi', 'Subject: Ho', '', text), text),
  shape(
    'an empty subject before another',
    lines(sender, 'Subject:', 'Subject: Hi', '', text),
    text,
  ),
  shape('no subject', lines(sender, '', text), { text, subject: '' }),
  shape('a subject and nothing else', lines(sender, 'Subject: 482918 is your code', '', ''), {
    text: '482918 is your code',
    subject: '482918 is your code',
    code: '482918',
  }),
  shape('no body, not even a blank line', lines(sender, 'Subject: 482918 is your code'), {
    text: '482918 is your code',
    subject: '482918 is your code',
  }),
  shape('neither subject nor body', lines(sender, '', ''), {
    text: 'This mail has no text.',
    subject: '',
    isReadable: false,
  }),
  shape('a body of blanks', mail([], ' \n\t\n \u00a0'), { text: 'Hi' }),
  shape(
    'a name in quotes',
    lines('From: "Example, Inc." <a@example.com>', 'Subject: Hi', '', text),
    {
      text,
      from: 'Example, Inc. <a@example.com>',
    },
  ),
  shape('a name in brackets', lines('From: a@example.com (Example)', 'Subject: Hi', '', text), {
    text,
    from: 'Example <a@example.com>',
  }),
  shape(
    'quotes within quotes',
    lines('From: "The \\"Example\\"" <a@example.com>', 'Subject: Hi', '', text),
    {
      text,
      from: 'The "Example" <a@example.com>',
    },
  ),
  shape(
    'a quote that is never closed',
    lines('From: "Example <a@example.com>', 'Subject: Hi', '', text),
    {
      text,
      from: 'Example <a@example.com>',
    },
  ),
  shape(
    'a bracket that is never closed',
    lines('From: Example <a@example.com', 'Subject: Hi', '', text),
    {
      text,
      from: 'Example <a@example.com>',
    },
  ),
  shape(
    'an address as name',
    lines('From: a@example.com <a@example.com>', 'Subject: Hi', '', text),
    {
      text,
      from: 'a@example.com',
    },
  ),
  shape(
    'an address in quotes',
    lines("From: 'a@example.com' <a@example.com>", 'Subject: Hi', '', text),
    {
      text,
      from: 'a@example.com',
    },
  ),
  shape('no address', lines('From: Example', 'Subject: Hi', '', text), { text, from: 'Example' }),
  shape('an empty address', lines('From: Example <>', 'Subject: Hi', '', text), {
    text,
    from: 'Example <>',
  }),
  shape(
    'an address in two pairs of brackets',
    lines('From: Example <<a@example.com>>', 'Subject: Hi', '', text),
    {
      text,
      from: 'Example <a@example.com>',
    },
  ),
  shape('a group', lines('From: Team: a@example.com;', 'Subject: Hi', '', text), {
    text,
    from: 'a@example.com',
  }),
  shape(
    'two senders',
    lines('From: A <a@example.com>, B <b@example.com>', 'Subject: Hi', '', text),
    {
      text,
      from: 'A <a@example.com>',
    },
  ),
  shape('a name in raw UTF-8', lines(utf8('From: Käse <a@example.com>'), 'Subject: Hi', '', text), {
    text,
    from: 'Käse <a@example.com>',
  }),
  shape(
    'a name in raw Latin-1',
    lines('From: K\u00e4se <a@example.com>', 'Subject: Hi', '', text),
    {
      text,
      from: 'Käse <a@example.com>',
    },
  ),
  shape('a subject in raw UTF-8', lines(sender, utf8('Subject: Ваш код'), '', text), {
    text,
    subject: 'Ваш код',
  }),
  shape(
    'a subject in the raw charset of its body',
    lines(
      sender,
      'Subject: \u00f7\u00c1\u00db \u00cb\u00cf\u00c4',
      'Content-Type: text/plain; charset=koi8-r',
      '',
      text,
    ),
    {
      text,
      subject: 'Ваш код',
    },
  ),
  shape('NULs in the subject', lines(sender, 'Subject: H\u0000i', '', text), {
    text,
    subject: 'H\u0000i',
  }),
  shape(
    'a byte order mark before the header',
    `${utf8('\ufeff')}${lines(sender, 'Subject: Hi', '', text)}`,
    text,
  ),
  shape(
    'a byte order mark before the header of an encoded mail',
    `${utf8('\ufeff')}${mail(['Content-Transfer-Encoding: quoted-printable'], 'Your code is 48=\n2918.')}`,
    text,
  ),
  shape('a byte order mark and no header', `${utf8('\ufeff')}${text}`, {
    text,
    subject: '',
    from: '',
  }),
  shape(
    'two carriage returns at the ends of lines',
    mail(['Content-Transfer-Encoding: quoted-printable'], 'Your code is 48=\n2918.').replaceAll(
      '\r\n',
      '\r\r\n',
    ),
    text,
  ),
]
