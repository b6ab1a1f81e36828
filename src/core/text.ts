// What counts as text.

/** Whether PostgreSQL can hold it, and every reader read it: no NUL, no half of a surrogate pair. */
export const isText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()
