import { getRequestWords } from "@/components/shell/locale";
import { PlainPage } from "@/components/shell/plain-page";
import { ButtonLink } from "@/components/ui/button";

export default async function NotFound() {
  const words = await getRequestWords();
  return (
    <PlainPage title={words.errors.notFoundTitle}>
      <p className="mb-5 text-body text-ink-2">{words.errors.notFoundDetail}</p>
      <ButtonLink variant="primary" href="/">
        {words.errors.notFoundBack}
      </ButtonLink>
    </PlainPage>
  );
}
