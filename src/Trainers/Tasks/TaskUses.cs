namespace MLNetMeta.Trainers.Tasks;

/// <summary>What follows from what tasks are drawn for.</summary>
internal static class TaskUses
{
    /// <summary>Whether they are of the tasks that are held out of the training.</summary>
    public static bool IsHeldOut(this TaskUse use) => use is TaskUse.Validation or TaskUse.Certainty;
}
