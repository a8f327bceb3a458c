/**
 * The training samples that this worker found to be unreadable. The coordinator is told of them
 * again on each new connection, for it may not have heard. Pure.
 */
import type { BadSample, BadSamples } from '../../proto/generated/messages.ts';
import {
  BAD_SAMPLES_NAMED_MAX,
  UNREADABLE_CHARACTERS_MAX,
  UNREADABLE_NAME_CHARACTERS_MAX,
} from '../../proto/limits.ts';

type Message = BadSamples & { readonly kind: 'badSamples' };

export class KnownBadSamples {
  readonly #known: BadSample[] = [];

  /** @param isFinal as in the message @returns what is to be said */
  add(samples: readonly BadSample[], isFinal: boolean): Message[] {
    const shortened = samples.map(({ index, name, reason }) => ({
      index,
      name: name.slice(-UNREADABLE_NAME_CHARACTERS_MAX),
      reason: reason.slice(0, UNREADABLE_CHARACTERS_MAX),
    }));
    this.#known.push(...shortened);
    return messagesOf(shortened, isFinal);
  }

  /** All that are known. */
  all(): Message[] {
    return messagesOf(this.#known, false);
  }
}

function messagesOf(samples: readonly BadSample[], isFinal: boolean): Message[] {
  const messages: Message[] = [];
  for (let begin = 0; begin < samples.length; begin += BAD_SAMPLES_NAMED_MAX) {
    const part = samples.slice(begin, begin + BAD_SAMPLES_NAMED_MAX);
    const isLast = begin + BAD_SAMPLES_NAMED_MAX >= samples.length;
    messages.push({ kind: 'badSamples', samples: part, isFinal: isFinal && isLast });
  }
  return messages;
}
