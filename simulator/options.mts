import { z } from 'zod';
import type { SimulatedDevice } from './devices.mts';
import type { Envelope } from './envelope.mts';
import { envelopes } from './envelope.mts';
import type { Faults } from './faults.mts';
import type { Habits } from './habits.mts';
import type { ServiceError } from './refusal.mts';
import type { BindMode, Customer, DeviceInfo, DeviceOwnership, Order } from './serviceState.mts';
import type { SignatureScheme } from './verifySignature.mts';
import { signatureSchemes } from './verifySignature.mts';

/** A limit on the requests in any one second. Requests above it get an error and change nothing. */
export interface RateLimit {
	/** Requests admitted in any one second, 1 or more. */
	readonly perSecond: number;
	/** The limit begins with the request of this index (0 = from the first, the default). */
	readonly startsAfterRequests?: number | undefined;
	/** `code` (the default): the error RequestLimitExceeded with HTTP 200; `http429`: HTTP 429 and no envelope. */
	readonly answer?: 'code' | 'http429' | undefined;
	/** The Retry-After header of an `http429` response, sent unchanged: seconds, a date or nonsense. */
	readonly retryAfter?: string | undefined;
}

/** The options that may change while the simulator runs. */
export interface ChangeableOptions {
	/** How nested values are signed; `json` by default. */
	readonly nestedRule?: SignatureScheme | undefined;
	/** `response` by default. */
	readonly envelope?: Envelope | undefined;
	/** Milliseconds between a request's arrival and its response, fixed or at random within a range; 0 by default. */
	readonly latencyMs?: number | { readonly min: number; readonly max: number } | undefined;
	/** null or left out: no limit. */
	readonly rateLimit?: RateLimit | null | undefined;
	/** CustomerId → the error for its otherwise valid requests. */
	readonly refuseCustomers?: Readonly<Record<string, ServiceError>> | undefined;
	/** Resets the connection of every request without carrying it out; off by default. */
	readonly outage?: boolean | undefined;
}

/** All options of a simulator. */
export interface SimulatorOptions extends ChangeableOptions {
	/** 0, the default, takes any free port. */
	readonly port?: number | undefined;
	/** https instead of http, with the certificate at `certificatePath`. */
	readonly tls?: boolean | undefined;
	readonly appKey?: string | undefined;
	readonly appSecret?: string | undefined;
	/** How far the service's clock is ahead of the true time (negative: behind); also moves the Date header. */
	readonly clockSkewSeconds?: number | undefined;
	/** Whether a push replaces a customer's devices (the default) or adds to them. */
	readonly bindMode?: BindMode | undefined;
	/** What a push does with a device of another customer; `shared` by default. */
	readonly ownership?: DeviceOwnership | undefined;
	/** What ServiceGetCustomerList lists; none by default. */
	readonly customers?: readonly Customer[] | undefined;
	/** The devices of all products; none by default. */
	readonly devices?: readonly SimulatedDevice[] | undefined;
	/** ProductId → the text of its model; none by default. */
	readonly models?: Readonly<Record<string, string>> | undefined;
	/** What ServiceGetOrderList lists; none by default. */
	readonly orders?: readonly Order[] | undefined;
	/** CustomerId → the customer's devices; none by default. */
	readonly bindings?: Readonly<Record<string, readonly DeviceInfo[]>> | undefined;
	/** Lists with a Context use scrolls: one cursor for the whole list, advanced by each request; off by default. */
	readonly scrolls?: boolean | undefined;
	/** Keep each body's text in its record; off by default, since long runs would fill the memory. */
	readonly keepBodies?: boolean | undefined;
	readonly faults?: Faults | undefined;
	/** The defaults follow the documentation of this API and of related APIs. */
	readonly habits?: Habits | undefined;
	/** The service's clock; by default this machine's. */
	readonly clock?: ServiceClock | undefined;
}

/** Both in milliseconds. */
export interface ServiceClock {
	/** Unix time. */
	nowMs(): number;
	/** Monotonic, from an arbitrary start. */
	elapsedMs(): number;
}

/** An option that cannot be used; the message is a sentence for the user. */
export class OptionError extends Error {
	override readonly name = 'OptionError';
	/** Makes the control routes respond with 400. */
	readonly statusCode = 400;
}

/** Longer waits are certainly a mistake in the unit. */
const longestLatencyMs = 600_000;
const milliseconds = z.number().min(0).max(longestLatencyMs);

const changeableOptions = z
	.object({
		nestedRule: z.enum(signatureSchemes),
		envelope: z.enum(envelopes),
		latencyMs: milliseconds.or(
			z
				.strictObject({ min: milliseconds, max: milliseconds })
				.refine(({ min, max }) => min <= max, 'min must not be above max'),
		),
		rateLimit: z
			.strictObject({
				perSecond: z.number().int().min(1).max(1_000_000),
				startsAfterRequests: z.number().int().min(0).optional(),
				answer: z.enum(['code', 'http429']).optional(),
				retryAfter: z
					.string()
					.regex(/^[ -~]*$/, 'must be printable ASCII')
					.optional(),
			})
			.nullable(),
		refuseCustomers: z.record(z.strictObject({ Code: z.string(), Message: z.string() })),
		outage: z.boolean(),
	})
	.partial()
	.strict();

/**
 * Reads the changeable options from untyped data, such as the body of a control request.
 *
 * @throws OptionError naming the first option that is unknown or wrong
 */
export function readChangeableOptions(data: unknown): ChangeableOptions {
	const read = changeableOptions.safeParse(data);
	if (read.success) {
		return read.data;
	}
	const { path, message } = read.error.errors[0]!;
	throw new OptionError(path.length > 0 ? `${path.join('.')}: ${message}` : message);
}
