import { createHmac, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { parse, parseJson, type Rule } from '../rules';

/** What travels through the queue: JSON, and its HMAC-SHA-256 where there is a key. */
export interface Sealed {
  readonly body: string;
  readonly mac?: string | undefined;
}

const sealedRule: Rule<Sealed> = v.strictObject({ body: v.string(), mac: v.optional(v.string()) });

/** The key of coordinator and workers, from the environment. */
const queueKey = (): string | undefined => process.env.SPGD_QUEUE_KEY || undefined;

/** The context, such as `job 1`, keeps a body from being passed off as another. */
const macOf = (key: string, context: string, body: string): string =>
  createHmac('sha256', key).update(`${context}\n${body}`).digest('hex');

/** Content as it is sent, signed where `SPGD_QUEUE_KEY` is set. */
export function seal(context: string, content: unknown): Sealed {
  const body = JSON.stringify(content);
  const key = queueKey();
  return key ? { body, mac: macOf(key, context, body) } : { body };
}

/** Content as it was sent, by a rule. Throws where `SPGD_QUEUE_KEY` is set and did not sign it. */
export function unseal<T>(context: string, sent: unknown, rule: Rule<T>): T {
  const { body, mac = '' } = parse(sealedRule, sent, context);
  const key = queueKey();
  if (key) {
    const [given, right] = [mac, macOf(key, context, body)].map((text) => Buffer.from(text));
    if (given!.length !== right!.length || !timingSafeEqual(given!, right!))
      throw new Error(
        `${context}: must be signed with SPGD_QUEUE_KEY, got another signature or none`,
      );
  }
  return parseJson(body, rule, context);
}
