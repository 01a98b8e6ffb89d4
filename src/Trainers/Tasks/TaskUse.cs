namespace MLNetMeta.Trainers.Tasks;

/// <summary>What tasks are drawn for.</summary>
internal enum TaskUse
{
    Training,
    Validation,
    Pilot,
    Certainty,
}
