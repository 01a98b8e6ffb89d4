using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Refuses data that no episode can be drawn from.</summary>
internal static class EpisodeRequirements
{
    public static void Tasks(TaskData data)
    {
        if (data.Groups.Length < 2)
        {
            throw TrainerThrow.TooFewTasks(data.Groups.Length);
        }

        EachTask(data);
    }

    public static void EachTask(TaskData data)
    {
        for (var g = 0; g < data.Groups.Length; g++)
        {
            if (data.Groups[g].Length < 2)
            {
                throw TrainerThrow.TaskTooSmall(data.GroupNames[g], data.Groups[g].Length);
            }
        }

        if (data.IsClassification && data.Classes.Distinct().Take(2).Count() < 2)
        {
            throw TrainerThrow.OneClass(data.ClassNames[data.Classes[0]]);
        }
    }

    public static void Classes(TaskData data, int ways, int shots)
    {
        if (data.Groups.Length < ways)
        {
            throw data.Groups.Length == 1
                ? TrainerThrow.OneClass(data.GroupNames[0])
                : TrainerThrow.TooFewClasses(data.Groups.Length, ways);
        }

        for (var g = 0; g < data.Groups.Length; g++)
        {
            if (data.Groups[g].Length <= shots)
            {
                throw TrainerThrow.ClassTooSmall(data.GroupNames[g], data.Groups[g].Length, shots);
            }
        }
    }
}
