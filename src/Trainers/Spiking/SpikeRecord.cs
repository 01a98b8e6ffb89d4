namespace MLNetMeta.Trainers.Spiking;

/// <summary>What happened while a spiking network saw some rows.</summary>
/// <param name="Potentials">Membrane potentials v before the reset, <c>[.., rows, time, units]</c>.</param>
/// <param name="Spikes">z, <c>[.., rows, time, units]</c>.</param>
internal sealed record SpikeRecord<V>(V Potentials, V Spikes);
