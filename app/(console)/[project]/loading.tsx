import { getRequestWords } from "@/components/shell/locale";
import { SkeletonPage } from "@/components/ui/skeleton";

export default async function Loading() {
  const words = await getRequestWords();
  return <SkeletonPage label={words.ui.loading} />;
}
