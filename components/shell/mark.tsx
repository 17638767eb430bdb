/** The sign of the product. */
export function Mark({ size = 28 }: { size?: number }) {
  const inner = Math.round(size * 0.61);
  return (
    <span
      className="grid shrink-0 place-items-center bg-ink text-surface"
      style={{ width: size, height: size, borderRadius: size / 4 }}
      aria-hidden="true"
    >
      <svg
        width={inner}
        height={inner}
        viewBox="0 0 18 18"
        className="fill-none stroke-current stroke-2"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <path d="M3 15V3" />
        <path d="M3 12.5c0-4.5 5-3 7.5-5.2C12.6 5.6 13 4.4 13 3" />
        <circle cx="13" cy="14.2" r="1.2" className="fill-current stroke-none" />
      </svg>
    </span>
  );
}
