import type { ReactNode } from "react";

type Props = {
  title: ReactNode;
  /** The state badge beside the title. */
  badge?: ReactNode;
  /** At most two and the primary. */
  actions?: ReactNode;
  /** One sentence: what this is and what is happening. */
  children?: ReactNode;
};

/** The page's only h1. */
export function PageHeader({ title, badge, actions, children }: Props) {
  return (
    <header className="flex flex-col gap-1.5">
      <div className="flex min-h-8 flex-wrap items-center gap-2.5">
        <h1 className="text-h1 font-semibold tracking-[-0.018em] max-md:text-[20px]/[26px]">{title}</h1>
        {badge}
        {actions !== undefined && (
          <div className="flex items-center gap-2 max-md:order-4 max-md:w-full max-md:flex-wrap max-md:[&>*]:flex-1 max-md:[&>nav]:basis-full md:ml-auto print:hidden">
            {actions}
          </div>
        )}
      </div>
      {children !== undefined && <p className="max-w-[92ch] text-body text-ink-2">{children}</p>}
    </header>
  );
}

/** The page's content column: gaps, padding and the widest measure. */
export function Page({ children }: { children: ReactNode }) {
  return (
    <div className="flex w-full max-w-(--content-max) flex-col gap-(--gap-page) px-(--page-pad) pt-5 pb-10 max-md:pt-4 max-md:pb-6">
      {children}
    </div>
  );
}
