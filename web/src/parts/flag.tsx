// A country as its two letters in a small frame: no pictures to load, the same on every system.

export function Flag({ code }: { code: string | null }) {
  if (code === null) return null
  return (
    <span className="flag" aria-hidden="true">
      {code}
    </span>
  )
}
