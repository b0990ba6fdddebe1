import type { Action, ResultFields } from './action.mts';
import { actions } from './actions.mts';
import { authenticate, commonParameters } from './authenticate.mts';
import { failureBody, successBody } from './envelope.mts';
import type { Habits } from './habits.mts';
import { causeOf, NO_SUCH_ACTION } from './habits.mts';
import type { Parameters } from './parameters.mts';
import { readRequired } from './parameters.mts';
import type { Reaction } from './reaction.mts';
import { serviceReply } from './reaction.mts';
import type { ReceivedBody } from './receivedBody.mts';
import type { ServiceError } from './refusal.mts';
import { Refusal } from './refusal.mts';
import type { ReplayGuard } from './replayGuard.mts';
import type { ServiceState } from './serviceState.mts';
import type { Settings } from './settings.mts';

/** The result of a request: see the fields of RequestRecord. */
export interface Verdict {
	readonly outcome: string;
	readonly applied: boolean;
	readonly reaction: Reaction;
}

/** A request with what is known about it before the checks. */
export interface IncomingRequest {
	readonly body: ReceivedBody;
	readonly signatureValid: boolean;
	/** The RequestId that the response repeats; empty if the body has none. */
	readonly requestId: string;
}

/** The state and the settings of the service when a request arrives. */
export interface ServiceContext {
	readonly appKey: string;
	/** Unix seconds by the service's clock. */
	readonly nowSeconds: number;
	readonly replayGuard: ReplayGuard;
	readonly state: ServiceState;
	readonly settings: Settings;
	readonly habits: Habits;
}

/** Runs all checks on a request, in the service's order, and carries it out if all of them pass. */
export function carryOut(request: IncomingRequest, context: ServiceContext): Verdict {
	try {
		const result = perform(request, context);
		const { requestId } = request;
		const body =
			context.habits.writeSuccess?.(requestId, result) ??
			successBody(context.settings.envelope, requestId, result);
		return { outcome: 'OK', applied: true, reaction: serviceReply(body) };
	} catch (error) {
		return refuse(request, context, error instanceof Refusal ? error.serviceError : internalError(error));
	}
}

/** The verdict on a request that changes nothing and gets an error. */
export function refuse(
	{ requestId }: IncomingRequest,
	{ settings, habits }: ServiceContext,
	error: ServiceError,
): Verdict {
	const written = habits.writeFailure?.(requestId, error, causeOf(error));
	const reply = serviceReply(written?.body ?? failureBody(settings.envelope, requestId, error));
	const reaction = { ...reply, status: written?.status ?? reply.status };
	return { outcome: error.Code, applied: false, reaction };
}

function perform({ body, signatureValid }: IncomingRequest, context: ServiceContext): ResultFields {
	if (body.refusal) {
		throw body.refusal;
	}
	const common = readRequired(body.parameters, commonParameters);
	authenticate(common, { ...context, signatureValid });
	const action = actions.get(common.Action);
	const refused = action ? context.habits.refuseActions?.[common.Action] : NO_SUCH_ACTION;
	if (!action || refused) {
		throw refusalOf(refused ?? NO_SUCH_ACTION);
	}
	const apply = checked(action, body.parameters, context);
	refuseChosenCustomer(body.parameters.get('CustomerId'), context.settings.refuseCustomers);
	return apply();
}

function refuseChosenCustomer(customerId: unknown, refused: Settings['refuseCustomers']): void {
	// Own properties only: a CustomerId may be "constructor".
	if (typeof customerId !== 'string' || !Object.hasOwn(refused, customerId)) {
		return;
	}
	throw refusalOf(refused[customerId]!);
}

function checked(
	action: Action,
	parameters: Parameters,
	{ state, habits }: ServiceContext,
): () => ResultFields {
	try {
		return action(parameters, state);
	} catch (error) {
		const isMissing = error instanceof Refusal && causeOf(error.serviceError) === 'missing';
		if (isMissing && habits.ignoresMissing) {
			return () => ({ Status: 'OK', Devices: [], Total: 0 });
		}
		throw error;
	}
}

function refusalOf({ Code, Message }: ServiceError): Refusal {
	return new Refusal(Code, Message);
}

function internalError(error: unknown): ServiceError {
	return { Code: 'InternalError', Message: `内部错误: ${String(error)}` };
}
