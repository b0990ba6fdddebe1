import type { ResultFields } from './action.mts';
import { actions } from './actions.mts';
import { authenticate, commonParameters } from './authenticate.mts';
import { failureBody, successBody } from './envelope.mts';
import { readRequired } from './parameters.mts';
import type { Reaction } from './reaction.mts';
import { serviceReply } from './reaction.mts';
import type { ReceivedBody } from './receivedBody.mts';
import type { ServiceError } from './refusal.mts';
import { Refusal } from './refusal.mts';
import type { ReplayGuard } from './replayGuard.mts';
import type { ServiceState } from './serviceState.mts';
import type { Settings } from './settings.mts';

/** What became of a request: see the fields of RequestRecord. */
export interface Verdict {
	readonly outcome: string;
	readonly applied: boolean;
	readonly reaction: Reaction;
}

/** A request with what was found out about it before the service looks at it. */
export interface IncomingRequest {
	readonly body: ReceivedBody;
	readonly signatureValid: boolean;
	/** The RequestId that a response repeats; empty if the body has none. */
	readonly requestId: string;
}

/** What a request meets. */
export interface ServiceContext {
	readonly appKey: string;
	/** Unix time in whole seconds, by the service's clock. */
	readonly nowSeconds: number;
	readonly replayGuard: ReplayGuard;
	readonly state: ServiceState;
	readonly settings: Settings;
}

/** Runs a request through all checks, in the service's order, and carries it out if none objects. */
export function carryOut(request: IncomingRequest, context: ServiceContext): Verdict {
	try {
		const result = perform(request, context);
		const body = successBody(context.settings.envelope, request.requestId, result);
		return { outcome: 'OK', applied: true, reaction: serviceReply(body) };
	} catch (error) {
		return refuse(request, context, error instanceof Refusal ? error.serviceError : internalError(error));
	}
}

/** The verdict on a request that changes nothing and gets an error. */
export function refuse(
	{ requestId }: IncomingRequest,
	{ settings }: ServiceContext,
	error: ServiceError,
): Verdict {
	const body = failureBody(settings.envelope, requestId, error);
	return { outcome: error.Code, applied: false, reaction: serviceReply(body) };
}

function perform({ body, signatureValid }: IncomingRequest, context: ServiceContext): ResultFields {
	if (body.refusal) throw body.refusal;
	const common = readRequired(body.parameters, commonParameters);
	authenticate(common, { ...context, signatureValid });
	const action = actions.get(common.Action);
	if (!action) throw new Refusal('InvalidAction', 'Action 非法');
	const apply = action(body.parameters, context.state);
	refuseChosenCustomer(body.parameters.get('CustomerId'), context.settings.refuseCustomers);
	return apply();
}

function refuseChosenCustomer(customerId: unknown, refused: Settings['refuseCustomers']): void {
	// Own properties only: a customer may be called "constructor".
	if (typeof customerId !== 'string' || !Object.hasOwn(refused, customerId)) return;
	const { Code, Message } = refused[customerId]!;
	throw new Refusal(Code, Message);
}

function internalError(error: unknown): ServiceError {
	return { Code: 'InternalError', Message: `内部错误: ${String(error)}` };
}
