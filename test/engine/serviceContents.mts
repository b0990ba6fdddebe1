import type { SimulatorOptions } from '../../simulator/simulator.mts';

/** What the simulated service contains in the tests of operations. */
export const contents = {
	keepBodies: true,
	customers: [
		{ CustomerId: 'c1', CountryCode: '86', PhoneNumber: '1' },
		{ CustomerId: 'c2', CountryCode: '86', PhoneNumber: '2' },
	],
	devices: [
		{
			ProductId: 'P',
			DeviceName: 'D1',
			data: { temperature: 21.5 },
			history: {
				temperature: [
					{ Time: 1_767_225_600_000, Value: 20 },
					{ Time: 1_767_225_601_000, Value: 21 },
				],
			},
			events: [
				{ TimeStamp: 1_767_225_600, EventId: 'hot', Type: 'alert', Data: '{"t":90}' },
				{ TimeStamp: 1_767_225_601, EventId: 'odd', Type: 'info', Data: 'not JSON' },
			],
		},
		{ ProductId: 'P', DeviceName: 'D2', Status: 0 },
	],
	models: { P: '{"version":"1.0","properties":[{"id":"temperature"}]}' },
} satisfies SimulatorOptions;
