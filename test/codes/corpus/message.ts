// A labelled message of our own writing: language, text, the code a person would type, more if any.

export type Labelled = readonly [
  lang: string,
  text: string,
  code: string | null,
  more?: { readonly channel?: 'sms' | 'email'; readonly subject?: string },
]
