// Validity of text.

/** Whether PostgreSQL can store it and every client can decode it: no NUL, no unpaired surrogates. */
export const isText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()
