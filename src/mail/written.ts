// What a mail says, before it is made into text and HTML.

export type Written = {
  readonly subject: string
  readonly before: readonly string[]
  /** The words of the link. */
  readonly link: string
  readonly after: readonly string[]
}
