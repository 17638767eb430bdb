/**
 * The shape that another language has to fill: every sentence a string, every sentence with placeholders a function
 * of the same arguments. A missing key or a wrong argument does not compile.
 */
export type WordsOf<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : WordsOf<T[K]>;
};

/** A value put into a sentence: already formatted text, or a plain count. */
export type Fill = string | number;
