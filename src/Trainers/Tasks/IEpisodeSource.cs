namespace MLNetMeta.Trainers.Tasks;

/// <summary>Draws episodes from tasks.</summary>
internal interface IEpisodeSource
{
    Episode Draw(Random random);
}
