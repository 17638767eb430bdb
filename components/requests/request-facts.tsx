import { TextLink } from "@/components/ui/button";
import { CopyField } from "@/components/ui/copy-field";
import { NameTag } from "@/components/ui/name-tag";
import type { Words } from "@/lib/core/words";
import { formatMillis, formatMoney, formatNumber } from "@/lib/core/words/format";
import type { RequestDetail } from "@/lib/domain/usage/api";
import { hasTokens, tokensText } from "./request-look";

export type About = { words: Words; project: string; link: (href: string) => string; span: (ms: number) => string };
type Item = { label: string; value: React.ReactNode };

/** What is not there has no line. */
const known = (...items: (Item | null)[]): Item[] => items.filter((item) => item !== null);

/** What was assigned, and what answered. */
export function answerFacts(request: RequestDetail, about: About): Item[] {
  const { facts } = about.words.requests.detail;
  return known(
    { label: facts.status, value: request.status },
    request.errorCode === null ? null : { label: facts.error, value: <code>{request.errorCode}</code> },
    ...servingFacts(request, about),
    ...madeOfFacts(request, about),
  );
}

/** Release, variant and who moved the request there: as assigned, then as served where that differs. */
function servingFacts(request: RequestDetail, { words, project, link }: About): (Item | null)[] {
  const { facts } = words.requests.detail;
  const release = (number: number) => words.endpoints.release({ number });
  return [
    request.release === null || request.endpoint === null
      ? null
      : {
          label: facts.release,
          value: (
            <TextLink href={link(`/${project}/endpoints/${request.endpoint}/releases/${request.release}`)}>
              {request.endpoint} {release(request.release)}
            </TextLink>
          ),
        },
    request.servedRelease === null || request.servedRelease === request.release
      ? null
      : { label: facts.servedRelease, value: release(request.servedRelease) },
    request.variant === null ? null : { label: facts.variant, value: request.variant },
    request.isFallback ? { label: facts.servedVariant, value: request.servedVariant } : null,
    request.rolloutId === null
      ? null
      : {
          label: facts.rollout,
          value: <TextLink href={link(`/${project}/rollouts/${request.rolloutId}`)}>{words.overview.needs.open.rollout}</TextLink>,
        },
    request.experiment === null
      ? null
      : {
          label: facts.experiment,
          value: <TextLink href={link(`/${project}/experiments/${request.experiment}`)}>EXP-{request.experiment}</TextLink>,
        },
    request.arm === null ? null : { label: facts.arm, value: request.arm },
  ];
}

/** Model, prompt and backend that answered. */
function madeOfFacts(request: RequestDetail, { words, project, link }: About): (Item | null)[] {
  const { facts } = words.requests.detail;
  const version = (name: string, number: number) => words.endpoints.version({ name, number });
  const { model, modelVersion, prompt, promptVersion, backend } = request;
  return [
    model === null || modelVersion === null
      ? null
      : {
          label: facts.model,
          value: <TextLink href={`/${project}/models/${model}/${modelVersion}`}>{version(model, modelVersion)}</TextLink>,
        },
    prompt === null || promptVersion === null
      ? null
      : {
          label: facts.prompt,
          value: (
            <TextLink href={`/${project}/prompts/${encodeURIComponent(prompt)}/${promptVersion}`}>
              {version(prompt, promptVersion)}
            </TextLink>
          ),
        },
    backend === null
      ? null
      : {
          label: facts.backend,
          value: (
            <span className="inline-flex flex-wrap items-center gap-1.5">
              <TextLink href={link(`/${project}/backends/${backend}`)}>{backend}</TextLink>
              {request.isSimulated && <NameTag kind="simulated" />}
            </span>
          ),
        },
  ];
}

/** Tokens, cost, cache. */
export function amountFacts(request: RequestDetail, { words }: About): Item[] {
  const text = words.requests.detail;
  const { facts } = text;
  const { price } = request;
  const isCounted = hasTokens(request);
  return known(
    { label: facts.tokens, value: `${tokensText(request)}${request.tokensEstimated ? `, ${words.requests.estimated}` : ""}` },
    request.cachedTokens === 0 ? null : { label: facts.cached, value: formatNumber(request.cachedTokens) },
    request.tpotMs === null ? null : { label: facts.perToken, value: formatMillis(request.tpotMs) },
    isCounted ? { label: facts.chars, value: `${formatNumber(request.promptChars)} / ${formatNumber(request.answerChars)}` } : null,
    { label: facts.cost, value: request.costUsd === null ? words.requests.noPrice : formatMoney(request.costUsd) },
    request.savedUsd === null ? null : { label: facts.saved, value: formatMoney(request.savedUsd) },
    price === null
      ? null
      : {
          label: facts.price,
          value: text.priceOf({
            input: formatMoney(price.inputUsd),
            output: formatMoney(price.outputUsd),
            per: formatNumber(price.perTokens),
            from: price.validFrom.slice(0, 10),
          }),
        },
    { label: facts.cache, value: text.caches[request.cache] },
    { label: facts.streamed, value: request.streamed ? text.yes : text.no },
    { label: facts.attempts, value: request.attempts },
  );
}

/** Who asked, and through what. */
export function originFacts(request: RequestDetail, { words, span }: About): Item[] {
  const text = words.requests.detail;
  const { facts } = text;
  return known(
    request.key === null ? null : { label: facts.key, value: request.key },
    request.team === null ? null : { label: facts.team, value: request.team },
    request.subjectHash === null
      ? null
      : {
          label: facts.subject,
          value: (
            <>
              <code title={request.subjectHash}>{request.subjectHash.slice(0, 16)}</code>
              <span className="block text-small text-ink-3">{text.facts.subjectHint}</span>
            </>
          ),
        },
    request.clientRequestId === null ? null : { label: facts.client, value: <code>{request.clientRequestId}</code> },
    request.traceId === null ? null : { label: facts.trace, value: <CopyField value={request.traceId} what={facts.trace} /> },
    { label: facts.source, value: text.sources[request.source] },
    { label: facts.api, value: request.api },
    { label: facts.gateway, value: request.gatewayId },
    { label: facts.generation, value: formatNumber(request.generation) },
    { label: facts.counted, value: text.after({ ms: span(Date.parse(request.ingestedAt) - Date.parse(request.at)) }) },
  );
}
