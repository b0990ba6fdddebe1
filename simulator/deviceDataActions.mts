import { action } from './action.mts';
import { pageSize } from './page.mts';
import { integer, oneOf, text } from './parameters.mts';
import { invalidParameter } from './refusal.mts';

const named = { ProductId: text, DeviceName: text };
const oneDaySeconds = 24 * 3600;
/** The year 2001 as milliseconds and 33658 as seconds: tells the two units apart. */
const leastMilliseconds = 1_000_000_000_000;
const milliseconds = integer(leastMilliseconds);
const seconds = integer(0, leastMilliseconds - 1);
const eventType = oneOf(['alert', 'fault', 'info']);

export const deviceDataActions = {
	ServiceDescribeDeviceData: action({
		required: named,
		optional: {},
		apply: (device, { devices }) => ({
			Data: JSON.stringify(Object.fromEntries(devices.get(device).values)),
		}),
	}),
	ServiceDescribeDeviceDataHistory: action({
		required: {
			...named,
			FieldName: text,
			MinTime: milliseconds,
			MaxTime: milliseconds,
			Limit: pageSize,
		},
		optional: { Context: text },
		apply: ({ FieldName, MinTime, MaxTime, Limit, Context, ...device }, { devices, cursors }) => {
			const { history } = devices.get(device);
			const found = (history?.[FieldName] ?? []).filter(({ Time }) => Time >= MinTime && Time <= MaxTime);
			const { records, ...page } = cursors.page(found, Limit, Context);
			return { FieldName, Results: records, ...page };
		},
	}),
	ServiceListEventHistory: action({
		required: { ...named, StartTime: seconds, EndTime: seconds, Size: pageSize },
		// An empty string means all types.
		optional: { Type: eventType, Context: text },
		apply: ({ Type, StartTime, EndTime, Size, Context, ...device }, { devices, cursors }) => {
			const nowSeconds = Math.floor(Date.now() / 1000);
			const from = StartTime === 0 ? nowSeconds - oneDaySeconds : StartTime;
			const to = EndTime === 0 ? nowSeconds : EndTime;
			const found = (devices.get(device).events ?? []).filter(
				(event) => event.TimeStamp >= from && event.TimeStamp <= to && (Type ?? event.Type) === event.Type,
			);
			const events = found.map((event) => ({ ...device, ...event }));
			const { records: EventHistory, ...page } = cursors.page(events, Size, Context);
			return { EventHistory, Total: found.length, ...page };
		},
	}),
	ServiceDescribeModelDefinition: action({
		required: { ProductId: text },
		optional: {},
		apply: ({ ProductId }, { models }) => {
			const ModelDefine = models.get(ProductId);
			if (ModelDefine === undefined) {
				throw invalidParameter('ProductId', '产品不存在');
			}
			return {
				Model: {
					ProductId,
					ModelDefine,
					CategoryModel: '',
					CreateTime: 1_700_000_000,
					UpdateTime: 1_700_000_100,
				},
			};
		},
	}),
};
